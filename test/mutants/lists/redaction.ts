import type { Mutant } from '../mutant.ts'

const CARDS = ['test/messages/redaction/card-numbers.test.ts'] as const
const PRICES = ['test/messages/enrichment/prices.test.ts'] as const
const NATIONAL = ['test/messages/redaction/national-numbers.test.ts'] as const

export const mutants: readonly Mutant[] = [
  {
    id: 'D01',
    file: 'src/messages/redaction/card-issuers.ts',
    from: "UnionPay: ['62|81', '16,17,18,19']",
    to: "UnionPay: ['62|81', '16,17,18']",
    tests: CARDS,
  },
  {
    id: 'D02',
    file: 'src/messages/redaction/card-issuers.ts',
    from: 'MIN_CARD_DIGITS = 13',
    to: 'MIN_CARD_DIGITS = 14',
    tests: CARDS,
  },
  {
    id: 'D03',
    file: 'src/messages/redaction/card-issuers.ts',
    from: '27[01]|2720',
    to: '27[0-2]',
    tests: CARDS,
  },
  {
    id: 'D04',
    file: 'src/messages/redaction/card-issuers.ts',
    from: 'MAX_CARD_DIGITS = 19',
    to: 'MAX_CARD_DIGITS = 18',
    tests: CARDS,
  },
  {
    id: 'D05',
    file: 'src/messages/redaction/card-numbers.ts',
    from: 'group.length < 4',
    to: 'group.length < 3',
    tests: CARDS,
  },
  {
    id: 'D06',
    file: 'src/messages/redaction/card-numbers.ts',
    from: '${SEPARATOR}{1,3}',
    to: '${SEPARATOR}{1,2}',
    tests: CARDS,
  },
  {
    id: 'D07',
    file: 'src/messages/redaction/card-numbers.ts',
    from: 'LONGEST_GROUP = 6',
    to: 'LONGEST_GROUP = 5',
    tests: CARDS,
  },
  {
    id: 'D08',
    file: 'src/messages/redaction/card-numbers.ts',
    from: 'LONGEST_GROUP = 6',
    to: 'LONGEST_GROUP = 7',
    tests: CARDS,
  },
  {
    id: 'D09',
    file: 'src/messages/redaction/card-issuers.ts',
    from: 'isLuhn(digits) && ',
    to: '',
    tests: CARDS,
  },
  {
    id: 'D10',
    file: 'src/messages/enrichment/cost.ts',
    from: '`${Math.floor(time.getTime() / QUARTER_MS)} ${model}`',
    to: 'model',
    tests: PRICES,
  },
  {
    id: 'D11',
    file: 'src/messages/enrichment/cost.ts',
    from: 'QUARTER_MS = 900_000',
    to: 'QUARTER_MS = 3_600_000',
    tests: PRICES,
  },
  {
    id: 'D12',
    file: 'src/messages/enrichment/cost.ts',
    from: 'sent > tier.start',
    to: 'sent >= tier.start',
    tests: ['test/messages/enrichment/cost.test.ts'],
  },
  {
    id: 'D13',
    file: 'src/messages/redaction/national-numbers.ts',
    from: '(?!0000)',
    to: '',
    tests: NATIONAL,
  },
  {
    id: 'D14',
    file: 'src/messages/redaction/national-numbers.ts',
    from: 'NT|TN|ZZ',
    to: 'NT|ZZ',
    tests: NATIONAL,
  },
  {
    id: 'D15',
    file: 'src/messages/redaction/national-numbers.ts',
    from: '[A-CEGHJ-NPR-TW-Z]',
    to: '[A-CEGHJ-PR-TW-Z]',
    tests: NATIONAL,
  },
  {
    id: 'D16',
    file: 'src/messages/redaction/national-numbers.ts',
    from: '(?!000|666|9)',
    to: '(?!000|666)',
    tests: NATIONAL,
  },
  {
    id: 'D17',
    file: 'src/messages/redaction/national-numbers.ts',
    from: '\\1(?!0000)',
    to: '[ \\-\\u2010](?!0000)',
    tests: NATIONAL,
  },
]
