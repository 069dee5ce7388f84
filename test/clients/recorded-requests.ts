/** A `fetch` that records the bodies of requests, and the answers. */
export function recordingFetch() {
  const sent: { query?: string; extensions?: Record<string, unknown>; [name: string]: unknown }[] = []
  const answered: unknown[] = []
  const fetchRecorded: typeof fetch = async (input, init) => {
    sent.push(JSON.parse(String(init?.body)))
    const response = await fetch(input, init)
    answered.push(await response.clone().json())
    return response
  }
  return { fetch: fetchRecorded, sent, answered }
}
