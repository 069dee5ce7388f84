import { html, type TemplateResult } from 'lit'
import { define } from '../../embed/define.ts'
import { Part } from '../part.ts'

export class IssuersPage extends Part {
  protected override render(): TemplateResult {
    return html`<p>Nothing is here yet.</p>`
  }
}

define('console-issuers', IssuersPage)
