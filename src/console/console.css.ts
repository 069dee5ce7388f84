import { css } from 'lit'
import { audit } from './audit/audit.css.ts'
import { controls } from './controls.css.ts'
import { data } from './data.css.ts'
import { layout } from './layout.css.ts'
import { limits } from './limits/limits.css.ts'

/** The style sheet of the console's page. */
export const consoleStyles = css`
  ${layout}
  ${controls}
  ${data}
  ${audit}
  ${limits}
`
