import isLuhn from 'fast-luhn'

/**
 * How the numbers of each network begin (ISO/IEC 7812) and how many digits they have, as the networks publish it:
 * https://en.wikipedia.org/wiki/Payment_card_number#Issuer_identification_number_(IIN)
 */
const NETWORKS: Record<string, [prefix: string, lengths: string]> = {
  Visa: ['4', '13,16,19'],
  Mastercard: ['5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720', '16'],
  'American Express': ['3[47]', '15'],
  'Diners Club': ['30[0-5]|3095|3[689]', '14,16,19'],
  Discover: ['6011|64[4-9]|65', '16,19'],
  JCB: ['352[89]|35[3-8]', '16,19'],
  UnionPay: ['62|81', '16,17,18,19'],
  Maestro: ['50|5[6-8]|60|63|6[79]', '13,14,15,16,17,18,19'],
  Mir: ['220[0-4]', '16,17,18,19'],
  RuPay: ['81|82', '16'],
  Troy: ['9792', '16'],
  NAPAS: ['9704', '16,19'],
  UzCard: ['8600', '16'],
  Humo: ['9860', '16'],
}

const CARD_NUMBER = new RegExp(
  Object.values(NETWORKS)
    .map(([prefix, lengths]) => {
      const length = lengths.split(',').map((digits) => `(?=\\d{${digits}}$)`)
      return `^(?:${length.join('|')})(?:${prefix})`
    })
    .join('|'),
)

export const MIN_CARD_DIGITS = 13
export const MAX_CARD_DIGITS = 19

/** Whether a network issues such a number, and its check digit is right. */
export const isCardNumber = (digits: string) =>
  digits.length >= MIN_CARD_DIGITS && isLuhn(digits) && CARD_NUMBER.test(digits)
