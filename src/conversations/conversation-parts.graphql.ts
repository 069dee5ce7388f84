import { builder } from '../graphql/builder.ts'
import { FROM_ROW } from '../graphql/read-extensions.ts'
import { AnalysisStatus } from './conversation-enums.graphql.ts'

interface RecordingRow {
  url: string
  contentType: string | null
  durationMs: number | null
}

export const Recording = builder.objectRef<RecordingRow>('Recording').implement({
  description: 'Audio or video recording of a conversation, hosted elsewhere. Fields that were not given are null.',
  fields: (t) => ({
    url: t.exposeString('url', { description: 'URL of the recording.' }),
    contentType: t.exposeString('contentType', {
      nullable: true,
      description: 'Media type, such as audio/ogg, up to 256 characters.',
    }),
    durationMs: t.exposeFloat('durationMs', {
      nullable: true,
      description: 'Length in milliseconds. Null if unknown.',
    }),
  }),
})

export interface AnalysisRow {
  status: typeof AnalysisStatus.$inferType
  summary?: string | null | undefined
  tags?: string[] | null | undefined
  extractedData?: unknown
}

export const Analysis = builder.objectRef<AnalysisRow>('Analysis').implement({
  description:
    "The results of the caller's own analysis. Parley stores them but does not compute them. Fields that were not given are null.",
  fields: (t) => ({
    status: t.expose('status', { type: AnalysisStatus, description: 'Progress of the analysis.' }),
    summary: t.string({
      nullable: true,
      description: 'A summary in a few sentences, up to 10,000 characters.',
      extensions: FROM_ROW,
      resolve: (analysis) => analysis.summary,
    }),
    tags: t.stringList({
      description: 'Topics of the conversation, up to 50.',
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

export const RecordingInput = builder.inputType('RecordingInput', {
  description: 'Audio or video recording of a conversation, hosted elsewhere.',
  fields: (t) => ({
    url: t.string({
      required: true,
      description:
        'URL of the recording, http or https, up to 10,000 characters. What redaction finds in it is replaced, and it may then lead nowhere.',
    }),
    contentType: t.string({ required: false, description: 'Media type, such as audio/ogg, up to 256 characters.' }),
    durationMs: t.float({ required: false, description: 'Length in milliseconds, not negative.' }),
  }),
})

export const AnalysisInput = builder.inputType('AnalysisInput', {
  description: "The results of the caller's own analysis, up to 100 KB of JSON in all.",
  fields: (t) => ({
    status: t.field({
      type: AnalysisStatus,
      required: true,
      defaultValue: 'COMPLETED',
      description: 'Progress of the analysis.',
    }),
    summary: t.string({ required: false, description: 'A summary in a few sentences, up to 10,000 characters.' }),
    tags: t.stringList({
      required: false,
      description: 'Topics of the conversation: up to 50 of up to 256 characters each, none of them blank.',
    }),
    extractedData: t.field({
      type: 'JSON',
      required: false,
      description: 'Data extracted from the transcript, in any shape.',
    }),
  }),
})
