import { html, type TemplateResult } from 'lit'
import type { App } from '../app.ts'
import { checkList, FormValues, textArea, textField } from '../parts/fields.ts'
import type { Submission } from '../parts/submission.ts'
import './pattern-fields.ts'
import type { PatternFields } from './pattern-fields.ts'
import type { Settings } from './settings.ts'

const TIME_ZONES = ['UTC', ...Intl.supportedValuesOf('timeZone')]

export const ENRICHMENT_TEXTS = {
  sentiment: 'Sentiment of user messages in English',
  language: 'Language of messages',
  tokenCount: 'Token count',
  cost: 'Cost, if the model is known',
} as const

export const REDACTION_TEXTS = {
  redactsPersonalData: 'Personal data',
  redactsPhoneNumbers: 'Phone numbers',
  redactsIbans: 'Bank account numbers (IBANs)',
} as const

const REDACTION_HINTS = {
  redactsPersonalData:
    'Email addresses, payment card numbers, US Social Security numbers and UK National Insurance numbers.',
  redactsPhoneNumbers: 'In the international format, and in the national format of the country below.',
  redactsIbans: undefined,
} as const

const namesOf = <T extends object>(texts: T) => Object.keys(texts) as (keyof T & string)[]

export interface SettingsFieldsOptions {
  app: App
  submission: Submission
  settings: Settings
}

/** The settings of a tenant, except its name. */
export const settingsFields = ({ app, submission, settings }: SettingsFieldsOptions): TemplateResult => {
  const problemOf = (name: string) => submission.problemOf(`input.${name}`)
  return html`${textField({
    name: 'timeZone',
    label: 'Time zone',
    required: true,
    value: settings.timeZone,
    suggestions: TIME_ZONES,
    hint: 'Decides when a day begins in the tenant’s charts, such as Europe/Berlin.',
    problem: problemOf('timeZone'),
  })}
  ${textArea({
    name: 'allowedOrigins',
    label: 'Allowed origins',
    value: settings.allowedOrigins.join('\n'),
    hint: 'Origins of the pages that show the tenant’s data, one per line, such as https://app.example.com. A page whose origin you remove shows nothing any more.',
    problem: problemOf('allowedOrigins'),
  })}
  ${checkList({
    name: 'enrichment',
    label: 'Derive for new messages',
    hint: 'Only for messages that are logged without a value.',
    problem: problemOf('enrichment'),
    checks: namesOf(ENRICHMENT_TEXTS).map((value) => ({
      ...{ value, label: ENRICHMENT_TEXTS[value], checked: settings.enrichment[value] },
    })),
  })}
  ${checkList({
    name: 'redaction',
    label: 'Redact before storing',
    hint: 'In the text of new messages. Ids, names and metadata are not redacted.',
    checks: namesOf(REDACTION_TEXTS).map((value) => ({
      ...{ value, label: REDACTION_TEXTS[value], hint: REDACTION_HINTS[value], checked: settings[value] },
    })),
  })}
  ${textField({
    name: 'phoneRegion',
    label: 'Country of phone numbers',
    value: settings.phoneRegion ?? '',
    hint: 'Two-letter ISO 3166 code, such as DE.',
    problem: problemOf('phoneRegion'),
  })}
  <console-patterns .app=${app} .patterns=${settings.redactionPatterns ?? []}
    .problemOf=${(path: string) => submission.problemOf(path)}></console-patterns>
  ${textField({
    name: 'abandonAfterMinutes',
    label: 'Minutes until idle conversations are closed',
    type: 'number',
    required: true,
    value: String(settings.abandonAfterMinutes),
    hint: 'Their status becomes ABANDONED, and the next message reopens them. Enter 0 to never close them.',
    problem: problemOf('abandonAfterMinutes'),
  })}`
}

/** The values of `settingsFields`. */
export function settingsOf(form: HTMLFormElement): Settings {
  const values = new FormValues(form)
  const derives = new Set(values.all('enrichment'))
  const redacts = new Set(values.all('redaction'))
  return {
    timeZone: values.text('timeZone').trim(),
    allowedOrigins: values.lines('allowedOrigins'),
    enrichment: {
      sentiment: derives.has('sentiment'),
      language: derives.has('language'),
      tokenCount: derives.has('tokenCount'),
      cost: derives.has('cost'),
    },
    redactsPersonalData: redacts.has('redactsPersonalData'),
    redactsPhoneNumbers: redacts.has('redactsPhoneNumbers'),
    phoneRegion: values.textOrNull('phoneRegion'),
    redactsIbans: redacts.has('redactsIbans'),
    redactionPatterns: form.querySelector<PatternFields>('console-patterns')?.values ?? [],
    abandonAfterMinutes: values.number('abandonAfterMinutes') ?? 0,
  }
}
