import { html, type TemplateResult } from 'lit'
import type { App } from '../app.ts'
import { FormValues, textField } from '../parts/fields.ts'

/** Goes to a tenant by its exact id: the list may be long, and not every key may see it. */
export const goToTenant = (app: App): TemplateResult => {
  const go = (event: SubmitEvent) => {
    event.preventDefault()
    const id = new FormValues(event.target as HTMLFormElement).textOrNull('goTo')
    if (id !== null) app.goTo({ page: 'tenants', id })
  }
  return html`<form class="toolbar" novalidate autocomplete="off" @submit=${go}>
    ${textField({ name: 'goTo', label: 'Go to tenant', required: true, placeholder: 'Id of the tenant' })}
    <button>Go</button>
  </form>`
}
