/** The SQLSTATE of a database's error, however it is wrapped; undefined for any other error. */
export function databaseCode(error: unknown, depth = 0): string | undefined {
  if (typeof error !== 'object' || error === null || depth > 5) return undefined
  const { code, originalCode, meta, cause, driverAdapterError } = error as Record<string, unknown>
  if (typeof originalCode === 'string') return originalCode
  if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !code.startsWith('P2')) return code
  return databaseCode(driverAdapterError, depth + 1) ?? databaseCode(meta, depth + 1) ?? databaseCode(cause, depth + 1)
}
