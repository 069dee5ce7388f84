import { hash } from 'node:crypto'

/** SHA-256, as clients send it. */
export const HASH = /^[0-9a-f]{64}$/

/** The hash of a document, of every character as it was sent. */
export const hashOf = (document: string): string => hash('sha256', document, 'hex')
