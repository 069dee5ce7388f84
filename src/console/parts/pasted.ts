/** What comes along when somebody copies a credential: spaces, quotes and characters of no width. */
const AROUND = /^[\s\p{Cf}"'`“”‘’]+|[\s\p{Cf}"'`“”‘’]+$/gu

/** The credential in a pasted text: without `Authorization: Bearer` before it, and without what is around it. */
export const credentialIn = (pasted: string): string =>
  pasted
    .replace(AROUND, '')
    .replace(/^(authorization:\s*)?bearer\s+/i, '')
    .replace(AROUND, '')
