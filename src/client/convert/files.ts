import { isFields, nameOf } from './values.ts'

/** A file of a message, as formats describe it. */
export interface GivenFile {
  /** What it is called: image, audio, file. */
  kind: string
  /** A URL, a data URL, base64 or bytes. */
  source?: unknown
  /** Its id at the provider, where only the provider finds it. */
  id?: unknown
  name?: unknown
  mediaType?: unknown
}

/** A file that a message can link, or how its text names one, and what is lost. */
export type ReadFile =
  | { attachment: { url: string; name?: string; mediaType?: string } }
  | { text: string; loss: string | null }

const MAX_URL = 10_000
const WEB_URL = /^https?:\/\//i

export function readFile({ kind, source, id, name, mediaType }: GivenFile): ReadFile {
  const url = source instanceof URL ? source.href : source
  const names = { name: nameOf(name), mediaType: nameOf(mediaType) }
  if (typeof url === 'string' && WEB_URL.test(url)) {
    const canBeLinked = URL.canParse(url) && new URL(url).protocol === 'https:' && url.length <= MAX_URL
    if (canBeLinked) return { attachment: { url, ...known(names) } }
    return { text: nameFile(kind, [names.name, url]), loss: null }
  }
  const prefix = typeof url === 'string' && /^data:/i.test(url) ? url.slice(0, url.indexOf(',') + 1) : ''
  const [, declared] = /^.{5}([^;,]*)/s.exec(prefix) ?? []
  const bytes = sizeOf(typeof url === 'string' ? url.slice(prefix.length) : url)
  const text = nameFile(kind, [names.name, names.mediaType ?? nameOf(declared), nameOf(id), sizeText(bytes)])
  return { text, loss: bytes > 0 ? `inline ${kind}` : `uploaded ${kind}` }
}

/** `[image: image/png, 12 kB]` */
export function nameFile(kind: string, details: readonly (string | undefined)[]): string {
  const given = details.filter((detail) => detail !== undefined)
  return given.length === 0 ? `[${kind}]` : `[${kind}: ${given.join(', ')}]`
}

function known(names: { name: string | undefined; mediaType: string | undefined }) {
  const { name, mediaType } = names
  return { ...(name !== undefined && { name }), ...(mediaType !== undefined && { mediaType }) }
}

/** In bytes, of base64 or of bytes, also as JSON writes a Buffer. */
function sizeOf(data: unknown): number {
  if (typeof data === 'string') return Math.floor((data.replace(/={1,2}$/, '').length * 3) / 4)
  if (data instanceof ArrayBuffer || ArrayBuffer.isView(data)) return data.byteLength
  return isFields(data) && Array.isArray(data['data']) ? data['data'].length : 0
}

function sizeText(bytes: number): string | undefined {
  if (bytes === 0) return undefined
  if (bytes < 1_000) return `${bytes} B`
  return bytes < 999_500 ? `${Math.round(bytes / 1_000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`
}
