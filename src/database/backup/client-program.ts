import { spawn } from 'node:child_process'

export interface ProgramCall {
  program: 'pg_dump' | 'pg_restore'
  args: string[]
  /** Without a password, which other users of the machine could read. */
  url: string
  password: string
}

/** How to reach a database with PostgreSQL's own programs. */
export function withoutPassword(url: string): Pick<ProgramCall, 'url' | 'password'> {
  const plain = new URL(url)
  const password = decodeURIComponent(plain.password) || (plain.searchParams.get('password') ?? '')
  plain.password = ''
  plain.searchParams.delete('password')
  return { url: plain.href, password }
}

/** Runs the program to its end; its messages go to standard error. It is killed if the signal aborts. */
export async function runProgram({ program, args, url, password }: ProgramCall, signal: AbortSignal): Promise<void> {
  const env = { ...process.env, ...(password === '' ? {} : { PGPASSWORD: password }) }
  const child = spawn(program, [...args, `--dbname=${url}`], { env, signal, stdio: ['ignore', 'inherit', 'inherit'] })
  const code = await new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('close', resolve),
  ).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
    throw new Error(
      `${program} is not in PATH. Install the client programs of PostgreSQL, of the server's version or newer.`,
      { cause: error },
    )
  })
  if (code !== 0) throw new Error(`${program} failed with exit code ${code}. The reason is above.`)
}

/** The command as a person types it. It asks for the password, or reads it from PGPASSWORD or ~/.pgpass. */
export const typed = ({ program, args, url }: Omit<ProgramCall, 'password'>) =>
  [program, ...args, `--dbname=${url}`].map(quoted).join(' ')

const quoted = (argument: string) =>
  /^[\w./:=@%+-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`
