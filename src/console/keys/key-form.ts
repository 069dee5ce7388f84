import { html, nothing, type TemplateResult } from 'lit'
import type { GenerateApiKeyInput, Scope } from '../../client/generated/schema-types.ts'
import type { Access } from '../access.ts'
import { checkbox, type FormValues, textArea, textField } from '../parts/fields.ts'
import { SCOPES, scopeList } from '../parts/scopes.ts'
import type { Submission } from '../parts/submission.ts'
import type { Key } from './documents.ts'

export interface KeyFormOptions {
  access: Access
  submission: Submission
  /** The key that is changed; null for a new one. */
  key: Key | null
  /** Whether the key is of the account, and not of one tenant. */
  isAccountKey: boolean
  /** The scopes that are checked for a new key. */
  checked: readonly Scope[]
}

/** The fields that a new and an existing key have in common, except name and expiry. */
export const keyFields = ({ access, submission, key, isAccountKey, checked }: KeyFormOptions): TemplateResult => {
  const problemOf = (name: string) => submission.problemOf(`input.${name}`)
  return html`${scopeList(access, {
    checked: key?.scopes ?? checked,
    offered: SCOPES.filter((scope) => scope !== 'ADMIN' || isAccountKey),
    problem: problemOf('scopes'),
  })}
    <details ?open=${key !== null || ['note', 'requestsPerMinute', 'allowedNetworks'].some(problemOf)}>
      <summary>Note and limits</summary>
      <div class="dialog-body">
        ${textField({
          name: 'note',
          label: 'Note',
          value: key?.note ?? '',
          hint: 'For administrators, such as who uses the key.',
          problem: problemOf('note'),
        })}
        ${textField({
          name: 'requestsPerMinute',
          label: 'Requests per minute',
          type: 'number',
          value: key?.requestsPerMinute?.toString() ?? '',
          hint: 'For all tenants together. Leave it empty to apply only the server’s own limits.',
          problem: problemOf('requestsPerMinute'),
        })}
        ${textArea({
          name: 'allowedNetworks',
          label: 'Allowed networks',
          value: key?.allowedNetworks.join('\n') ?? '',
          hint: 'Networks that the key is accepted from, one per line, such as 203.0.113.0/24. Leave it empty to allow any. Embed tokens are accepted from anywhere.',
          problem: problemOf('allowedNetworks'),
        })}
        ${
          isAccountKey
            ? checkbox({
                value: 'autoCreateTenants',
                label: 'Create tenants on first write',
                hint: 'A write for a tenant that doesn’t exist yet creates it.',
                checked: key?.autoCreateTenants ?? false,
              })
            : nothing
        }
      </div>
    </details>`
}

/** The values of `keyFields`. */
export const keySettings = (form: FormValues) =>
  ({
    scopes: form.all<Scope>('scopes'),
    note: form.textOrNull('note'),
    requestsPerMinute: form.number('requestsPerMinute'),
    allowedNetworks: form.lines('allowedNetworks'),
    autoCreateTenants: form.checked('autoCreateTenants'),
  }) satisfies Partial<GenerateApiKeyInput>
