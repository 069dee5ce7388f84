import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { clientFiles } from '../schema/client-files.ts'
import { printedSchema, schema } from '../schema/schema.ts'
import { schemaTypes } from '../schema/schema-types.ts'

/** What is made from the schema, by its path. */
export const schemaFiles = async (): Promise<Record<string, string>> => ({
  'schema.graphql': printedSchema(),
  'src/client/generated/schema-types.ts': await schemaTypes(printedSchema()),
  ...clientFiles(schema),
})

/** `npm run schema`: writes schema.graphql, and what clients need besides. */
if (import.meta.main) {
  for (const [path, text] of Object.entries(await schemaFiles()))
    writeFileSync(join(import.meta.dirname, '../..', path), text)
}
