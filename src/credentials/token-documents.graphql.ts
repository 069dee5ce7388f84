import { builder } from '../graphql/builder.ts'

export const TokenDocuments = builder.enumType('TokenDocuments', {
  description: 'Which documents a credential may send.',
  values: {
    ANY: { description: 'Any document.' },
    REGISTERED: {
      description:
        'Only documents that were registered with `registerDocuments` for its tenant or the account; any other is refused with DOCUMENT_NOT_TRUSTED.',
    },
    COMPONENTS: {
      description:
        "Only the documents that this server's web components send, whether they are registered or not; any other is refused with DOCUMENT_NOT_TRUSTED.",
    },
  } as const,
})
