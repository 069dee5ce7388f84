import { recordAudit } from '../audit/record-audit.ts'
import { builder } from '../graphql/builder.ts'
import { connectionArgs, connectionType, parsePage, toConnection } from '../graphql/connection.ts'
import { LIMITS } from '../input/limits.ts'
import { deleteDocuments, documentsOf, registerDocuments } from './register-documents.ts'
import { countDocuments, type DocumentRow, listDocuments } from './trusted-documents.sql.ts'

const TrustedDocument = builder.objectRef<DocumentRow>('TrustedDocument').implement({
  description: 'A registered document: one that a token limited to registered documents may send.',
  fields: (t) => ({
    sha256Hash: t.exposeString('sha256', {
      description:
        'SHA-256 hash of the document in lower-case hexadecimal. Clients may send it as `extensions.persistedQuery.sha256Hash` in place of the document.',
    }),
    document: t.exposeString('document', { description: 'The document, exactly as it was registered.' }),
    name: t.exposeString('name', { nullable: true, description: 'Display name. Null if it has none.' }),
    belongsToAccount: t.exposeBoolean('isOfAccount', {
      description: 'Whether it belongs to the account, whose documents all tenants use, and not to the tenant.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the document was registered.' }),
  }),
})

const TrustedDocumentConnection = connectionType(TrustedDocument, {
  name: 'TrustedDocument',
  of: 'registered documents',
})

const OWNER = 'Without a tenant, those of the account, for which the scope ADMIN is needed as well.'

builder.queryField('trustedDocuments', (t) =>
  t.field({
    type: TrustedDocumentConnection,
    nullable: true,
    description: `The registered documents of the tenant and of the account, newest first. ${OWNER} Needs the scope EMBED_TOKENS_CREATE.`,
    authScopes: { scope: 'EMBED_TOKENS_CREATE' },
    args: connectionArgs,
    resolve: async (_root, args, context) => {
      const { owner, statements } = documentsOf(context)
      const page = parsePage(args, 'TRUSTED_DOCUMENTS')
      return toConnection(
        page,
        await listDocuments(statements, owner, page),
        (row) => ['TRUSTED_DOCUMENTS', 0, row.id],
        () => countDocuments(statements, owner),
      )
    },
  }),
)

const RegisterDocumentInput = builder.inputType('RegisterDocumentInput', {
  description: 'A document to register.',
  fields: (t) => ({
    document: t.string({
      required: true,
      description:
        'The document, exactly as clients will send it: every character counts. It must be valid and within the limits of this server, and may have several operations.',
    }),
    name: t.string({ required: false, description: 'Display name, up to 256 characters. Default: none.' }),
  }),
})

const RegisterDocumentsInput = builder.inputType('RegisterDocumentsInput', {
  description: 'The documents to register.',
  fields: (t) => ({
    documents: t.field({
      type: [RegisterDocumentInput],
      required: true,
      description: `The documents, up to ${LIMITS.documentsPerCall}.`,
    }),
  }),
})

const RegisterDocumentsPayload = builder
  .objectRef<{ documents: DocumentRow[]; created: string[] }>('RegisterDocumentsPayload')
  .implement({
    description: 'Result of `registerDocuments`.',
    fields: (t) => ({
      documents: t.expose('documents', { type: [TrustedDocument], description: 'The documents, in the same order.' }),
      createdCount: t.int({
        description: 'How many of them were not registered before.',
        resolve: ({ created }) => created.length,
      }),
    }),
  })

const DeleteDocumentsInput = builder.inputType('DeleteDocumentsInput', {
  description: 'The documents to delete.',
  fields: (t) => ({
    sha256Hashes: t.stringList({
      required: true,
      description: `SHA-256 hashes of the documents in lower-case hexadecimal, up to ${LIMITS.documentsPerCall}.`,
    }),
  }),
})

const DeleteDocumentsPayload = builder.objectRef<{ deleted: string[] }>('DeleteDocumentsPayload').implement({
  description: 'Result of `deleteDocuments`.',
  fields: (t) => ({
    deletedSha256Hashes: t.exposeStringList('deleted', {
      description: 'Hashes of the documents that were deleted: those that were registered.',
    }),
  }),
})

builder.mutationFields((t) => ({
  registerDocuments: t.field({
    type: RegisterDocumentsPayload,
    description: `Registers documents of the tenant: clients may send their hashes instead, and tokens limited to registered documents may send only these. A document that is registered already stays as it is. A tenant has up to ${LIMITS.documents.toLocaleString('en')}, and so has the account. ${OWNER} Needs the scope EMBED_TOKENS_CREATE.`,
    authScopes: { scope: 'EMBED_TOKENS_CREATE' },
    args: { input: t.arg({ type: RegisterDocumentsInput, required: true, description: 'The documents to register.' }) },
    resolve: async (_root, { input }, context, { schema }) => {
      const registered = await registerDocuments(context, schema, input)
      await recordAudit(context, {
        action: 'DOCUMENTS_REGISTERED',
        tenantId: context.tenantIdOrNull,
        objectType: 'DOCUMENT',
        details: { sha256Hashes: registered.created },
      })
      return registered
    },
  }),
  deleteDocuments: t.field({
    type: DeleteDocumentsPayload,
    description: `Deletes registered documents of the tenant. Takes effect from the next request on; other processes may accept a document for up to five seconds more. Open subscriptions of tokens that may no longer send it end. ${OWNER} Needs the scope EMBED_TOKENS_CREATE.`,
    authScopes: { scope: 'EMBED_TOKENS_CREATE' },
    args: { input: t.arg({ type: DeleteDocumentsInput, required: true, description: 'The documents to delete.' }) },
    resolve: async (_root, { input }, context) => {
      const deleted = await deleteDocuments(context, input.sha256Hashes)
      context.endsCredentials = true
      await recordAudit(context, {
        action: 'DOCUMENTS_DELETED',
        tenantId: context.tenantIdOrNull,
        objectType: 'DOCUMENT',
        details: { sha256Hashes: deleted },
      })
      return { deleted }
    },
  }),
}))
