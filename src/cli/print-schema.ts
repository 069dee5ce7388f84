import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { printedSchema } from '../schema/schema.ts'

/** `npm run schema`: writes schema.graphql. */
writeFileSync(join(import.meta.dirname, '../../schema.graphql'), printedSchema())
