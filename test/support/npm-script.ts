import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export type Script = 'start' | 'demo' | 'import' | 'admin-key' | 'backup' | 'restore' | 'expire-resume-tokens'

/** The arguments that `npm run` passes to Node. Most tests skip npm, which takes longer to start than some of our commands. */
export function argumentsOf(script: Script, directory = '.'): string[] {
  const { scripts } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as {
    scripts: Record<Script, string>
  }
  return scripts[script]
    .replace(/^exec /, '')
    .split(' ')
    .slice(1)
}
