import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

/** In order of preference. */
const ENCODINGS = ['br', 'gzip', 'identity'] as const
type Encoding = (typeof ENCODINGS)[number]

/** A file that is sent to browsers, compressed once. */
export interface StaticFile {
  type: string
  /** Of the content, in hexadecimal. */
  hash: string
  bodies: Record<Encoding, Uint8Array<ArrayBuffer>>
}

export const JAVASCRIPT = 'text/javascript; charset=utf-8'

/** For a name that stands for one content. */
export const IMMUTABLE = 'public, max-age=31536000, immutable'

export interface PackOptions {
  /** Of Brotli, 1 to 11. */
  quality: number
}

export async function packFile(text: string, type: string, { quality }: PackOptions): Promise<StaticFile> {
  const identity = Buffer.from(text)
  const params = { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_SIZE_HINT]: identity.length }
  const [gzipped, br] = await Promise.all([promisify(gzip)(identity), promisify(brotliCompress)(identity, { params })])
  const hash = createHash('sha256').update(identity).digest('hex').slice(0, 32)
  return { type, hash, bodies: { identity, gzip: gzipped, br } }
}

/** The answer to a GET or HEAD request for a file: 304 if the browser has it. */
export function answerFile({ type, hash, bodies }: StaticFile, request: Request, headers: Record<string, string>) {
  // Weak: one ETag for all encodings.
  const etag = `W/"${hash}"`
  const shared = { ...headers, 'x-content-type-options': 'nosniff', etag, vary: 'Accept-Encoding' }
  if (isKnown(etag, request.headers.get('if-none-match'))) return { body: null, status: 304, headers: shared }
  const encoding = encodingFor(request.headers.get('accept-encoding'))
  const body = bodies[encoding]
  return {
    body,
    status: 200,
    headers: {
      ...shared,
      'content-type': type,
      'content-length': String(body.byteLength),
      ...(encoding === 'identity' ? {} : { 'content-encoding': encoding }),
    },
  }
}

function encodingFor(accepted: string | null): Encoding {
  const names = (accepted ?? '')
    .toLowerCase()
    .split(',')
    .filter((choice) => !/;\s*q\s*=\s*0(\.0*)?\s*$/.test(choice))
    .map((choice) => choice.split(';')[0]?.trim())
  return ENCODINGS.find((encoding) => names.includes(encoding)) ?? 'identity'
}

const isKnown = (etag: string, known: string | null) =>
  known?.split(',').some((entry) => ['*', etag, etag.slice(2)].includes(entry.trim()))
