import type { Plugin } from 'graphql-yoga'

/** Keeps proxies from buffering event streams: nginx by default delivers nothing until a buffer of several KB is full. */
export function useUnbufferedStreams(): Plugin {
  return {
    onResponse({ response }) {
      if (!response.headers.get('content-type')?.startsWith('text/event-stream')) return
      response.headers.set('x-accel-buffering', 'no')
      // A proxy buffers what it compresses, too.
      response.headers.set('cache-control', 'no-cache, no-transform')
    },
  }
}
