import { defineConfig } from 'prisma/config'

// The Prisma command line wants to download a schema engine, which `generate` and `validate` never run.
// Naming any executable stops the download; migrations are applied by src/database/migrate.ts.
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= process.execPath

export default defineConfig({ schema: '../prisma' })
