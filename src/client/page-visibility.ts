/** Of pages; everything else is visible. */
const page = () => (globalThis as { document?: Pick<Document, 'hidden' | 'addEventListener'> }).document

/** Resolves as soon as the page is visible. */
export async function untilVisible(): Promise<void> {
  for (let document = page(); document?.hidden; document = page()) {
    const { addEventListener } = document
    await new Promise((resolve) => addEventListener.call(document, 'visibilitychange', resolve, { once: true }))
  }
}

/** Calls `listener` when the page gets hidden. */
export function onceHidden(listener: () => void, signal: AbortSignal): void {
  const document = page()
  document?.addEventListener('visibilitychange', () => document.hidden && listener(), { signal })
}
