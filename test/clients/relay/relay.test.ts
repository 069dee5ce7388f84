import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { parse, validate } from 'graphql'
import { expect, onTestFinished, test } from 'vitest'
import { schema } from '../../../src/schema/schema.ts'
import { RELAY_MODULES } from './documents.ts'

const COMPILER = join(import.meta.dirname, '../../../node_modules/relay-compiler/cli.js')

const CONFIG = {
  src: './src',
  schema: './schema.graphql',
  language: 'typescript',
  artifactDirectory: './artifacts',
  eagerEsModules: true,
  customScalarTypes: {
    DateTime: 'string',
    DateOrDateTime: 'string',
    JSON: 'unknown',
    JSONObject: 'Record<string, unknown>',
  },
}

/** Compiles an app of these modules. Returns its artifacts by name. Throws what the compiler says. */
async function compile(modules: Record<string, string>): Promise<Record<string, string>> {
  const app = mkdtempSync(join(tmpdir(), 'parley-relay-'))
  onTestFinished(() => rmSync(app, { recursive: true }))
  const artifacts = join(app, 'artifacts')
  for (const folder of [join(app, 'src'), artifacts]) mkdirSync(folder)
  cpSync('schema.graphql', join(app, 'schema.graphql'))
  writeFileSync(join(app, 'relay.config.json'), JSON.stringify(CONFIG))
  for (const [name, text] of Object.entries(modules)) {
    // Relay allows one definition in a tag.
    const definitions = text.split(/\n {4}(?=fragment )/).filter((definition) => definition.trim())
    const tags = definitions.map((definition, i) => `export const tag${i} = graphql\`${definition}\`\n`)
    writeFileSync(join(app, 'src', `${name}.ts`), `import { graphql } from 'relay-runtime'\n${tags.join('')}`)
  }
  await promisify(execFile)(process.execPath, [COMPILER, 'relay.config.json'], { cwd: app })
  return Object.fromEntries(
    readdirSync(artifacts).map((file) => [file.split('.')[0], readFileSync(join(artifacts, file), 'utf8')]),
  )
}

test('Relay’s compiler accepts lists, refetching, deleting and prepending', async () => {
  const artifacts = await compile(RELAY_MODULES)
  expect(Object.keys(artifacts).toSorted()).toEqual(
    [
      ...['ConversationListQuery', 'ConversationList_page', 'ConversationListPageQuery'],
      ...['Transcript_conversation', 'TranscriptPageQuery', 'TranscriptEntry_message', 'TranscriptEntryRefetchQuery'],
      ...['ConversationPageQuery', 'TenantsQuery', 'AuditLog_events', 'AuditLogPageQuery', 'DashboardQuery'],
      ...['LogConversationMutation', 'AppendMessagesMutation', 'DeleteConversationMutation'],
      ...['DeleteTokenIssuerMutation', 'LiveConversationSubscription'],
    ].toSorted(),
  )
  // What it does with a record follows from the schema.
  expect(artifacts['DeleteConversationMutation']).toContain('"handle": "deleteEdge"')
  expect(artifacts['DeleteTokenIssuerMutation']).toContain('"handle": "deleteRecord"')
  expect(artifacts['LogConversationMutation']).toContain('"handle": "prependNode"')
  expect(artifacts['AppendMessagesMutation']).toContain('"handle": "appendNode"')
  // One conversation or message is read again through `node`.
  expect(artifacts['TranscriptPageQuery']).toMatch(/"text": "query TranscriptPageQuery\(.*node\(id: \$id\)/)
})

test('what Relay sends is valid', async () => {
  const artifacts = await compile(RELAY_MODULES)
  const texts = Object.values(artifacts).flatMap((artifact) => {
    const [, text] = /"text": ("query [^\n]*"|"mutation [^\n]*"|"subscription [^\n]*"),?\n/.exec(artifact) ?? []
    return text ? [JSON.parse(text) as string] : []
  })
  expect(texts).toHaveLength(13)
  expect(texts.flatMap((text) => validate(schema, parse(text)))).toEqual([])
})

test('Relay’s compiler would refuse what the schema does not have', async () => {
  const modules = { Wrong: 'query WrongQuery { conversations { edges { node { id headline } } } }' }
  await expect(compile(modules)).rejects.toThrow('headline')
})
