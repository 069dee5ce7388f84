import { readFileSync } from 'node:fs'

/** The commands of the README's section on backups, by their language, in the order in which the page has them. */
export function commandsOf(language: 'sh' | 'sql', heading: string): string[] {
  const [, section = ''] = /^## Backup and restore\n(.*?)^## /ms.exec(readFileSync('README.md', 'utf8')) ?? []
  const [, part = ''] = new RegExp(`^### ${heading}\\n(.*?)(?=^### |(?![^]))`, 'ms').exec(section) ?? []
  return [...part.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, command = '']) => command)
}
