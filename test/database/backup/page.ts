import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { Settings } from '../../support/process.ts'

/** The commands of the section on backups, by their language, in the order in which the page has them. */
export function commandsOf(language: 'sh' | 'sql', heading: string): string[] {
  const [, section = ''] = /^## Backup and restore\n(.*)/ms.exec(readFileSync('src/database/README.md', 'utf8')) ?? []
  const [, part = ''] = new RegExp(`^### ${heading}\\n(.*?)(?=^### |(?![^]))`, 'ms').exec(section) ?? []
  return [...part.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, command = '']) => command)
}

/** Runs a command of the page as a person does who pastes it, with directories of the test's own. */
export function paste(command: string, directories: Record<string, string>, settings: Settings = {}) {
  const input = Object.entries(directories).reduce((text, [name, path]) => text.replaceAll(name, path), command)
  const env = { PATH: process.env['PATH'], ...settings }
  const { status, stderr } = spawnSync('bash', ['-e'], { input, env, encoding: 'utf8' })
  return { status, stderr }
}
