import { readFileSync } from 'node:fs'

export type Script = 'start' | 'demo' | 'import' | 'admin-key'

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<Script, string> }

/** What `npm run` hands to Node for one of our commands. npm itself would take longer than some of them. */
export const argumentsOf = (script: Script): string[] => scripts[script].split(' ').slice(1)
