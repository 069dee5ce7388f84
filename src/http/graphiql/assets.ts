import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

type Part = 'script' | 'start' | 'style' | 'editorWorker' | 'jsonWorker' | 'graphqlWorker'

/** In order of preference. */
const ENCODINGS = ['br', 'gzip', 'identity'] as const
type Encoding = (typeof ENCODINGS)[number]

/** One file of GraphiQL. */
export interface Asset {
  part: Part
  /** Includes a hash of the content, so a file of this name never changes. */
  name: string
  type: string
  hash: string
  bodies: Record<Encoding, Uint8Array<ArrayBuffer>>
}

/** GraphiQL's files, 14 MB: made at the first request, and then cached. */
export class Assets {
  #packed: Promise<Asset[]> | null = null

  async named(name: string): Promise<Asset | undefined> {
    return (await this.#all()).find((asset) => asset.name === name)
  }

  async names(): Promise<Record<Part, string>> {
    const assets = await this.#all()
    // There is exactly one of each part.
    return Object.fromEntries(assets.map(({ part, name }) => [part, name])) as Record<Part, string>
  }

  #all(): Promise<Asset[]> {
    this.#packed ??= packed().catch((error) => {
      this.#packed = null
      throw error
    })
    return this.#packed
  }
}

async function packed(): Promise<Asset[]> {
  // An `error` event rejects.
  const [assets] = await once(new Worker(new URL('pack-assets.ts', import.meta.url)), 'message')
  return assets
}

export function encodingFor(accepted: string | null): Encoding {
  const names = (accepted ?? '')
    .toLowerCase()
    .split(',')
    .filter((choice) => !/;\s*q\s*=\s*0(\.0*)?\s*$/.test(choice))
    .map((choice) => choice.split(';')[0]?.trim())
  return ENCODINGS.find((encoding) => names.includes(encoding)) ?? 'identity'
}
