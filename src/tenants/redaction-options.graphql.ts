import { builder, type InputFields } from '../graphql/builder.ts'
import { checkPatterns, checkPhoneRegion, type GivenPattern } from './check-redaction.ts'
import type { RedactionPattern as PatternRow } from './tenant-settings.sql.ts'

type Maybe<Value> = Value | null | undefined

const PHONE_NUMBERS =
  'Whether phone numbers that exist, as far as numbering plans tell, are redacted from texts before they are stored: those with a plus and a calling code and, with `phoneRegion`, those that are written as in that country.'
const PHONE_REGION = 'ISO 3166 code of the country, such as DE, whose way of writing phone numbers is redacted too.'
const IBANS = 'Whether international bank account numbers (IBANs) are redacted from texts before they are stored.'
const PATTERNS =
  'Own patterns, whose matches are redacted from texts before they are stored, whatever `redactsPersonalData` says; in this order, and before everything else.'
const PATTERN = "A regular expression in RE2's syntax, which has no backreferences and no look-around."
const REPLACEMENT = 'What replaces each match, as it is.'

const RedactionPattern = builder.objectRef<PatternRow>('RedactionPattern').implement({
  description: 'A pattern of a tenant, such as that of its customer numbers, whose matches are redacted.',
  authScopes: { scope: 'ADMIN' },
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What it finds.' }),
    pattern: t.exposeString('pattern', { description: PATTERN }),
    replacement: t.exposeString('replacement', { description: REPLACEMENT }),
  }),
})

const RedactionPatternInput = builder.inputType('RedactionPatternInput', {
  description: 'A pattern whose matches are redacted. It finds matches of up to 512 characters.',
  fields: (t) => ({
    name: t.string({
      required: true,
      description: 'What it finds, such as customer number; up to 62 characters, or 256 if `replacement` is given.',
    }),
    pattern: t.string({
      required: true,
      description: `${PATTERN} Up to 512 characters; it must not match the empty string. All patterns together may have up to 500 instructions: about one for each character, and each as often as it is repeated by \`{…}\`.`,
    }),
    replacement: t.string({
      required: false,
      description: `${REPLACEMENT} Up to 64 characters. Default: the name in brackets, as in \`[customer number]\`.`,
    }),
  }),
})

builder.prismaObjectFields('Tenant', (t) => ({
  redactsPhoneNumbers: t.exposeBoolean('redactsPhoneNumbers', { description: PHONE_NUMBERS }),
  phoneRegion: t.exposeString('phoneRegion', { nullable: true, description: `${PHONE_REGION} Null: none.` }),
  redactsIbans: t.exposeBoolean('redactsIbans', { description: IBANS }),
  redactionPatterns: t.field({
    type: [RedactionPattern],
    description: `${PATTERNS} Needs the scope ADMIN.`,
    authScopes: { scope: 'ADMIN' },
    // Only ever written by redactionColumns().
    resolve: ({ redactionPatterns }) => (redactionPatterns as PatternRow[] | null) ?? [],
  }),
}))

/** For `createTenant`, with the defaults, and for `updateTenant`. */
export const redactionFields = (t: InputFields, { isNew }: { isNew: boolean }) => {
  const ifAbsent = (value: string) => (isNew ? ` Default: ${value}.` : ' Applies from now on.')
  return {
    redactsPhoneNumbers: t.boolean({ required: false, description: PHONE_NUMBERS + ifAbsent('false') }),
    phoneRegion: t.string({
      required: false,
      description: `${PHONE_REGION}${isNew ? ' Default: none.' : ' An empty text: none.'}`,
    }),
    redactsIbans: t.boolean({ required: false, description: IBANS + ifAbsent('false') }),
    redactionPatterns: t.field({
      type: [RedactionPatternInput],
      required: false,
      description: `${PATTERNS} Up to 20.${isNew ? ' Default: none.' : ' Replaces the whole list.'}`,
    }),
  }
}

interface GivenOptions {
  redactsPhoneNumbers?: Maybe<boolean>
  phoneRegion?: Maybe<string>
  redactsIbans?: Maybe<boolean>
  redactionPatterns?: Maybe<GivenPattern[]>
}

/** The columns of the options that are given, and the same for the audit log, which has only the names of patterns. */
export async function redactionColumns(given: GivenOptions) {
  const { redactsPhoneNumbers, phoneRegion, redactsIbans, redactionPatterns } = given
  const patterns = redactionPatterns && (await checkPatterns(redactionPatterns, ['input', 'redactionPatterns']))
  const region = phoneRegion ? await checkPhoneRegion(phoneRegion, ['input', 'phoneRegion']) : null
  const plain = {
    ...(redactsPhoneNumbers == null ? {} : { redactsPhoneNumbers }),
    ...(phoneRegion == null ? {} : { phoneRegion: region }),
    ...(redactsIbans == null ? {} : { redactsIbans }),
  }
  return {
    columns: { ...plain, ...(patterns ? { redactionPatterns: patterns.map((pattern) => ({ ...pattern })) } : {}) },
    details: { ...plain, ...(patterns ? { redactionPatterns: patterns.map(({ name }) => name) } : {}) },
  }
}
