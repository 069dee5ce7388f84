import type { Mutant } from '../mutant.ts'

const CALENDAR = ['test/analytics/calendar.test.ts'] as const
const ZONES = ['test/analytics/zone-offsets.test.ts'] as const
const TIMES = ['test/conversations/times.test.ts'] as const

export const mutants: readonly Mutant[] = [
  {
    id: 'T02',
    file: 'src/analytics/zone-offsets.ts',
    from: 'startMs - MAX_CHANGE_MS > fromMs && ',
    to: '',
    tests: ZONES,
  },
  {
    id: 'T03',
    file: 'src/analytics/time-buckets.ts',
    from: '(date.dayOfWeek - weekStart + 7) % 7',
    to: '(date.dayOfWeek + weekStart) % 7',
    tests: CALENDAR,
  },
  {
    id: 'T04',
    file: 'src/analytics/time-buckets.ts',
    from: '    if (since > 0) time += HOUR_MS - since\n',
    to: '',
    tests: CALENDAR,
  },
  {
    id: 'T05',
    file: 'src/analytics/time-buckets.ts',
    from: "end === 'from' ? date : date.add({ days: 1 })",
    to: 'date',
    tests: CALENDAR,
  },
  {
    id: 'T06',
    file: 'src/analytics/time-buckets.ts',
    from: 'if (start !== last) yield',
    to: 'yield',
    tests: CALENDAR,
  },
  {
    id: 'T07',
    file: 'src/analytics/time-buckets.ts',
    from: 'date.month - ((date.month - 1) % 3)',
    to: 'date.month - (date.month % 3)',
    tests: CALENDAR,
  },
  {
    id: 'T08',
    file: 'src/analytics/time-buckets.ts',
    from: 'fromMs < toMs ? toMs - fromMs : to.getTime() - from.getTime()',
    to: 'toMs - fromMs',
    tests: CALENDAR,
  },
  {
    id: 'T09',
    file: 'src/conversations/known-times.ts',
    from: '    previous = timestamp\n',
    to: '',
    tests: TIMES,
  },
  {
    id: 'T10',
    file: 'src/conversations/known-times.ts',
    from: '!isFinal(status) && known',
    to: 'known',
    tests: TIMES,
  },
  {
    id: 'T11',
    file: 'src/conversations/known-times.ts',
    from: '    if (end) known.push(end)\n',
    to: '',
    tests: TIMES,
  },
  {
    id: 'T12',
    file: 'src/conversations/known-times.ts',
    from: 'givenStartedAt ?? firstKnownAt',
    to: 'firstKnownAt ?? givenStartedAt',
    tests: TIMES,
  },
]
