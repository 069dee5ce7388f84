import { builder } from './builder.ts'
import { AnalysisStatus } from './conversation-enums.ts'
import { FROM_ROW } from './row-resolvers.ts'

interface RecordingRow {
  url: string
  contentType: string | null
  durationSeconds: number | null
}

export const Recording = builder.objectRef<RecordingRow>('Recording').implement({
  description: 'The sound or video of a conversation, kept elsewhere.',
  fields: (t) => ({
    url: t.exposeString('url', { description: 'Where it is.' }),
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
  description: "What the caller's own analysis found. Parley stores it; it runs none.",
  fields: (t) => ({
    status: t.expose('status', { type: AnalysisStatus, description: 'How far it is.' }),
    summary: t.string({
      nullable: true,
      description: 'In a few sentences.',
      extensions: FROM_ROW,
      resolve: (analysis) => analysis.summary,
    }),
    tags: t.stringList({
      description: 'What it is about.',
      extensions: FROM_ROW,
      resolve: (analysis) => analysis.tags ?? [],
    }),
    extractedData: t.field({
      type: 'JSON',
      nullable: true,
      description: 'What was read out of the transcript, in any shape.',
      extensions: FROM_ROW,
      resolve: (analysis) => analysis.extractedData,
    }),
  }),
})
