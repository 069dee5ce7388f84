import { builder } from '../graphql/builder.ts'
import { FROM_ROW } from '../graphql/read-extensions.ts'
import { AnalysisStatus } from './conversation-enums.graphql.ts'

interface RecordingRow {
  url: string
  contentType: string | null
  durationSeconds: number | null
}

export const Recording = builder.objectRef<RecordingRow>('Recording').implement({
  description: 'The audio or video recording of a conversation, stored elsewhere.',
  fields: (t) => ({
    url: t.exposeString('url', { description: 'Its URL.' }),
    contentType: t.exposeString('contentType', { nullable: true, description: 'Its media type, such as audio/ogg.' }),
    durationSeconds: t.exposeFloat('durationSeconds', { nullable: true, description: 'Its length, seconds.' }),
  }),
})

export interface AnalysisRow {
  status: typeof AnalysisStatus.$inferType
  summary?: string | null | undefined
  tags?: string[] | null | undefined
  extractedData?: unknown
}

export const Analysis = builder.objectRef<AnalysisRow>('Analysis').implement({
  description: "The results of the caller's own analysis. Parley stores them, and runs no analysis itself.",
  fields: (t) => ({
    status: t.expose('status', { type: AnalysisStatus, description: 'Progress of the analysis.' }),
    summary: t.string({
      nullable: true,
      description: 'A summary in a few sentences.',
      extensions: FROM_ROW,
      resolve: (analysis) => analysis.summary,
    }),
    tags: t.stringList({
      description: 'Its topics.',
      extensions: FROM_ROW,
      resolve: (analysis) => analysis.tags ?? [],
    }),
    extractedData: t.field({
      type: 'JSON',
      nullable: true,
      description: 'Data extracted from the transcript, in any shape.',
      extensions: FROM_ROW,
      resolve: (analysis) => analysis.extractedData,
    }),
  }),
})
