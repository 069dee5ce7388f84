import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { preset } from '@graphql-codegen/client-preset'
import { codegen } from '@graphql-codegen/core'
import { buildSchema, parse } from 'graphql'
import { expect, onTestFinished, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../../..')

/** What src/client is going to be made with. */
const CONFIG = {
  documentMode: 'string',
  enumsAsTypes: true,
  useTypeImports: true,
  importExtension: '.ts',
  emitLegacyCommonJSImports: false,
  scalars: { DateTime: 'string', DateOrDateTime: 'string', JSON: 'unknown', JSONObject: 'Record<string, unknown>' },
} as const

/** Generates types for documents into `folder`/gql. */
async function generate(folder: string, documents: string) {
  const sdl = readFileSync('schema.graphql', 'utf8')
  const outputs = await preset.buildGeneratesSection({
    baseOutputDir: `${join(folder, 'gql')}/`,
    presetConfig: { fragmentMasking: false },
    config: CONFIG,
    schema: parse(sdl),
    schemaAst: buildSchema(sdl),
    documents: [{ location: 'documents.graphql', document: parse(documents), rawSDL: documents, hash: '' }],
    plugins: [],
    pluginMap: {},
    pluginContext: {},
  })
  for (const output of outputs) {
    mkdirSync(dirname(output.filename), { recursive: true })
    writeFileSync(output.filename, await codegen(output))
  }
}

test('the types that graphql-codegen makes of schema.graphql compile, and say what can be null', async () => {
  const app = mkdtempSync(join(tmpdir(), 'parley-types-'))
  onTestFinished(() => rmSync(app, { recursive: true }))
  symlinkSync(join(ROOT, 'node_modules'), join(app, 'node_modules'))
  cpSync(join(import.meta.dirname, 'usage.ts'), join(app, 'usage.ts'))
  await generate(app, readFileSync(join(import.meta.dirname, 'documents.graphql'), 'utf8'))
  const { compilerOptions } = JSON.parse(readFileSync(join(ROOT, 'tsconfig.json'), 'utf8'))
  const tsconfig = { compilerOptions: { ...compilerOptions, types: [] }, include: ['.'] }
  writeFileSync(join(app, 'tsconfig.json'), JSON.stringify(tsconfig))
  writeFileSync(join(app, 'package.json'), '{ "type": "module" }')
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
  const compiled = promisify(execFile)(process.execPath, [tsc, '--project', app]).then(
    () => 'compiles',
    ({ stdout }: { stdout: string }) => stdout,
  )
  expect(await compiled).toBe('compiles')
})
