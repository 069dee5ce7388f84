import type { Plugin } from 'graphql-yoga'
import { NOBODY } from '../../fairness/holder.ts'
import type { MainThread } from '../../fairness/main-thread.ts'
import type { Requests } from '../request-log.ts'

/** Charges the time to parse and validate a document, which happens in one go, to the tenant that sent it. */
export function useDocumentTime({ mainThread, requests }: { mainThread: MainThread; requests: Requests }): Plugin {
  const beganMs = new WeakMap<Request, number>()
  const end = (request: Request) => {
    const began = beganMs.get(request)
    if (began === undefined) return
    beganMs.delete(request)
    const { tenantId } = requests.get(request)?.session?.holder ?? NOBODY
    mainThread.charge(tenantId, performance.now() - began)
  }
  return {
    onParams: ({ request }) => void beganMs.set(request, performance.now()),
    onExecute: ({ args }) => end((args.contextValue as { request: Request }).request),
    onSubscribe: ({ args }) => end((args.contextValue as { request: Request }).request),
    // For a document that was refused.
    onResultProcess: ({ request }) => end(request),
  }
}
