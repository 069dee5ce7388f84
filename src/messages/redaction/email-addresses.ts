import type { Span } from './decoded-text.ts'
import { domainEnd, EMAIL_REPLACEMENT } from './email-domain.ts'
import { localPartStart } from './email-local-part.ts'
import { isUserInfo } from './user-info.ts'

const [REPLACEMENT_LOCAL_PART, REPLACEMENT_DOMAIN = ''] = EMAIL_REPLACEMENT.split('@')

/** Finds e-mail addresses by their @. Another address may directly precede or follow one. */
export function findEmailAddresses(characters: string): Span[] {
  const found: Span[] = []
  let earliest = 0
  for (let at = characters.indexOf('@'); at >= 0; at = characters.indexOf('@', at + 1)) {
    const start = localPartStart(characters, at, earliest)
    earliest = at + 1
    if (start === at) continue
    if (isReplacement(characters, start, at)) {
      earliest += REPLACEMENT_DOMAIN.length
      continue
    }
    const end = domainEnd(characters, at + 1)
    if (end < 0 || isNoAddress(characters, { start, end }, at)) continue
    found.push({ start, end })
    earliest = end
  }
  return found
}

/** Whether this is an earlier replacement, whatever follows it: the next words may have no space before them. */
const isReplacement = (characters: string, start: number, at: number) =>
  characters.slice(start, at) === REPLACEMENT_LOCAL_PART && characters.startsWith(REPLACEMENT_DOMAIN, at + 1)

const LONGEST_PATH = 128
/**
 * Paths, as in `ada@example.org:/home/ada` and `git@example.org:owner/repository.git`. In a sentence, a space follows
 * the colon.
 */
const PATH_AFTER = /^:(?:~|\/(?!\/)|[\w.~/-]+\.git\b)/
const PATH_AFTER_GIT = /^:[\w.~/-]/
/** File names such as `logo@2x.zip` and `pack@1.2.3.zip`, whose extensions are also public suffixes. */
const FILE_VERSION = /^(?:\d+x|v\d[\d.]*|\d+(?:\.\d+)+)\.(?:ai|app|md|mov|pl|ps|py|rs|sh|so|zip)$/i

function isNoAddress(characters: string, { start, end }: Span, at: number): boolean {
  if (isUserInfo(characters, at)) return true
  const after = characters.slice(end, end + LONGEST_PATH)
  const path = characters.slice(start, at) === 'git' ? PATH_AFTER_GIT : PATH_AFTER
  return path.test(after) || FILE_VERSION.test(characters.slice(at + 1, end))
}
