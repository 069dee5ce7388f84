/** An API key, whole or mistyped, or a JWT. */
const SECRET = /parley_[0-9A-Za-z]{16}|eyJ[\w-]+\.[\w-]+\.[\w-]*/

export const holdsSecret = (argument: string) => SECRET.test(argument)

export const SEEN_BY_OTHERS = 'other users of the machine can read the arguments of a command. Set PARLEY_KEY instead'

/** Throws if an argument holds a key or a token. It is not repeated in the error. */
export function refuseSecrets(args: readonly string[]) {
  if (args.some(holdsSecret)) throw new Error(`An argument holds a key or a token: ${SEEN_BY_OTHERS}.`)
}
