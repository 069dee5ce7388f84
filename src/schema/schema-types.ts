import { codegen } from '@graphql-codegen/core'
import * as typescript from '@graphql-codegen/typescript'
import { buildSchema, parse } from 'graphql'

const SCALARS = {
  DateTime: { input: 'Date | string', output: 'string' },
  DateOrDateTime: { input: 'Date | string', output: 'string' },
  JSON: 'unknown',
  JSONObject: 'Record<string, unknown>',
}

/** The schema as TypeScript, for the client package. */
export const schemaTypes = (sdl: string): Promise<string> =>
  codegen({
    filename: 'schema-types.ts',
    schema: parse(sdl),
    schemaAst: buildSchema(sdl),
    documents: [],
    plugins: [{ typescript: {} }],
    pluginMap: { typescript },
    config: {
      ...{ enumsAsTypes: true, useTypeImports: true, skipTypename: true, scalars: SCALARS },
      inputMaybeValue: 'T | null | undefined',
    },
  })
