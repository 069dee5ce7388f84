/** Who is signed in. */
export const ACCESS = `query ConsoleAccess {
  viewer { kind credentialId name scopes expiresAt tenant { id name } }
}`
