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
  /** Of a new key. */
  checked: readonly Scope[]
}

/** The settings of a key that both a new and an existing one have, but for name and expiry. */
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
          hint: 'Of all tenants together. Empty: only the limits of the server apply.',
          problem: problemOf('requestsPerMinute'),
        })}
        ${textArea({
          name: 'allowedNetworks',
          label: 'Networks',
          value: key?.allowedNetworks.join('\n') ?? '',
          hint: 'Addresses that the key is accepted from, one per line, such as 203.0.113.0/24. Empty: any. Its embed tokens are accepted from anywhere.',
          problem: problemOf('allowedNetworks'),
        })}
        ${
          isAccountKey
            ? checkbox({
                value: 'autoCreateTenants',
                label: 'Create tenants',
                hint: 'A write for a tenant that does not exist creates it.',
                checked: key?.autoCreateTenants ?? false,
              })
            : nothing
        }
      </div>
    </details>`
}

/** What was entered there. */
export const keySettings = (form: FormValues) =>
  ({
    scopes: form.all<Scope>('scopes'),
    note: form.textOrNull('note'),
    requestsPerMinute: form.number('requestsPerMinute'),
    allowedNetworks: form.lines('allowedNetworks'),
    autoCreateTenants: form.checked('autoCreateTenants'),
  }) satisfies Partial<GenerateApiKeyInput>
