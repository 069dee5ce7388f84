import { expect, test, vi } from 'vitest'
import { OpenAIConversations } from '../../src/client/observe/conversations.ts'
import { Parley } from '../../src/client/parley.ts'

const call = (id: string) => ({ id, type: 'function', function: { name: 'find', arguments: '{}' } })
const answerWith = (id: string) => ({
  choices: [{ message: { role: 'assistant', content: null, tool_calls: [call(id)] } }],
})

test('calls that wait for their results share one timer, and each is logged when its time is over', () => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] })
  try {
    const parley = new Parley({
      url: 'http://parley.test/graphql',
      apiKey: 'key',
      flushIntervalMs: 1e9,
      fetch: () => new Promise(() => {}),
    })
    const append = vi.spyOn(parley, 'append')
    const conversations = new OpenAIConversations(parley, { conversation: 'chat' })
    const ask = (id: string) => conversations.call({ messages: [{ role: 'user', content: id }] }).answer(answerWith(id))
    const logged = () =>
      append.mock.calls
        .flatMap(([, entries]) => entries)
        .flatMap((entry) => ('tool' in entry ? entry.tool?.externalId : []))

    for (const id of ['a', 'b', 'c']) ask(id)
    // Over is the one that lets a process that is about to end call back once more.
    vi.advanceTimersByTime(1)
    const before = vi.getTimerCount()
    vi.advanceTimersByTime(99_999)
    for (const id of ['d', 'e', 'f']) ask(id)
    expect(vi.getTimerCount()).toBe(before)
    vi.advanceTimersByTime(201_000)
    expect(logged()).toEqual(['a', 'b', 'c'])
    vi.advanceTimersByTime(100_000)
    expect(logged()).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
  } finally {
    vi.useRealTimers()
  }
})
