import { type Change, CriticalityLevel, diff } from '@graphql-inspector/core'
import { buildSchema } from 'graphql'
import type { Contract } from '../../src/cli/released-contract.ts'

export interface Version {
  contract: Contract
  schema: string
}

const LISTS = ['errorCodes', 'routes', 'claims', 'settings'] as const

/** What somebody who relies on the released version would miss, each by the name that the changelog has to give. */
export async function breakingChanges(released: Version, current: Version): Promise<string[]> {
  const changes: Change[] = await diff(buildSchema(released.schema), buildSchema(current.schema))
  const ofSchema = changes.filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking)
  const ofLists = LISTS.flatMap((list) =>
    released.contract[list].filter((name) => !current.contract[list].includes(name)),
  )
  return [...new Set([...ofSchema.map(({ path, message }) => path ?? message), ...ofLists])]
}

const majorOf = (version: string) => Number(version.split('.')[0])

/** What keeps the current version from being released: breaking changes need a new major, and a line in the changelog. */
export async function problemsOf(released: Version, current: Version, changelog: string): Promise<string[]> {
  const breaking = await breakingChanges(released, current)
  if (breaking.length === 0) return []
  const { version } = current.contract
  const isDue = (section: string) => ['Unreleased', version].includes(/^\S+/.exec(section)?.[0] ?? '')
  const said = changelog.split(/^## /m).filter(isDue).join('')
  const isNewMajor =
    majorOf(current.contract.version) > majorOf(released.contract.version) || released.contract.version.includes('-')
  return [
    ...(isNewMajor ? [] : [`${released.contract.version} promised what ${current.contract.version} breaks`]),
    ...breaking.filter((name) => !said.includes(`\`${name}\``)).map((name) => `the changelog does not name ${name}`),
  ]
}
