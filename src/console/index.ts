/** The console for administrators, served at /console. It uses only the public API. */

import { define } from '../embed/define.ts'
import { consoleStyles } from './console.css.ts'
import './audit/audit-page.ts'
import './issuers/issuers-page.ts'
import './keys/keys-page.ts'
import './limits/limits-page.ts'
import { ParleyConsole } from './parley-console.ts'
import './sign-in.ts'
import './start/start-page.ts'
import './tenants/tenant-page.ts'
import './tenants/tenants-page.ts'

if (consoleStyles.styleSheet) document.adoptedStyleSheets.push(consoleStyles.styleSheet)
define('parley-console', ParleyConsole)
