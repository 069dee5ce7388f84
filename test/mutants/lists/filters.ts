import type { Mutant } from '../mutant.ts'

const FILTER = ['test/conversations/conversation-filter-random.test.ts'] as const
const METADATA = [
  'test/conversations/metadata-filter-random.test.ts',
  'test/conversations/metadata-filter.test.ts',
] as const

export const mutants: readonly Mutant[] = [
  {
    id: 'F01',
    file: 'src/conversations/conversation-filter.sql.ts',
    from: 'filter.isTest == null ?',
    to: '!filter.isTest ?',
    tests: FILTER,
  },
  {
    id: 'F02',
    file: 'src/conversations/conversation-filter.sql.ts',
    from: 'range?.to ? [sql`${raw(column)} < ${range.to}`]',
    to: 'range?.to ? [sql`${raw(column)} <= ${range.to}`]',
    tests: FILTER,
  },
  {
    id: 'F03',
    file: 'src/conversations/conversation-filter.sql.ts',
    from: 'parts.length === 0 ? sql`FALSE`',
    to: 'parts.length === 0 ? sql`TRUE`',
    tests: FILTER,
  },
  {
    id: 'F04',
    file: 'src/conversations/conversation-filter.sql.ts',
    from: '} IS NOT TRUE`]',
    to: '} IS FALSE`]',
    tests: FILTER,
  },
  {
    id: 'F05',
    file: 'src/conversations/conversation-filter.sql.ts',
    from: "AND m.visibility IS DISTINCT FROM 'INTERNAL'`",
    to: '`',
    tests: FILTER,
  },
  {
    id: 'F06',
    file: 'src/conversations/conversation-filter.sql.ts',
    from: 'filter.ratings}::integer[]) AND ${visible}`',
    to: 'filter.ratings}::integer[])`',
    tests: FILTER,
  },
  {
    id: 'F07',
    file: 'src/conversations/conversation-filter.sql.ts',
    from: "AND m.conversation_id = c.id AND m.role = 'USER')`",
    to: 'AND m.conversation_id = c.id)`',
    tests: FILTER,
  },
  {
    id: 'F08',
    file: 'src/conversations/conversation-filter.sql.ts',
    from: 'bound == null ? []',
    to: '!bound ? []',
    tests: FILTER,
  },
  {
    id: 'F09',
    file: 'src/metadata/metadata-filter.sql.ts',
    from: "operator.startsWith('>') ? '>=' : '<='",
    to: 'operator',
    tests: METADATA,
  },
  {
    id: 'F10',
    file: 'src/metadata/metadata-filter.sql.ts',
    from: "while (characters.at(-1) === '\\u{10FFFF}') characters.pop()\n",
    to: '\n',
    tests: ['test/conversations/metadata-filter.test.ts'],
  },
  {
    id: 'F11',
    file: 'src/metadata/metadata-filter.sql.ts',
    from: 'last === 0xd7ff ? 0xe000 : last + 1',
    to: 'last + 1',
    tests: ['test/conversations/metadata-filter.test.ts'],
  },
  {
    id: 'F12',
    file: 'src/metadata/metadata-filter.sql.ts',
    from: ' OR ${valueAt(path)} @> jsonb_build_array(${json}::jsonb)',
    to: '',
    tests: METADATA,
  },
  {
    id: 'F13',
    file: 'src/metadata/metadata-entries.ts',
    from: '.length < INDEXED_CHARACTERS\n',
    to: '.length <= INDEXED_CHARACTERS\n',
    tests: METADATA,
  },
  {
    id: 'F14',
    file: 'src/metadata/metadata-entries.ts',
    from: 'negative ? ~byte : ',
    to: '',
    tests: METADATA,
  },
  {
    id: 'F15',
    file: 'src/metadata/metadata-entries.ts',
    from: ".replaceAll('~', '~0').replaceAll('/', '~1')}`",
    to: ".replaceAll('/', '~1').replaceAll('~', '~0')}`",
    tests: METADATA,
  },
  {
    id: 'F16',
    file: 'src/metadata/metadata-filter.sql.ts',
    from: 'AND e.value < ${String.fromCharCode(type.charCodeAt(0) + 1)}',
    to: '',
    tests: METADATA,
  },
]
