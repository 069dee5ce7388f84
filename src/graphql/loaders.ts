import DataLoader from 'dataloader'
import type { Context } from '../context.ts'

/** A loader for each operation: what a list asks for each of its rows, it asks the database for all of them at once. */
export function loaderFor<Value>(load: (context: Context, ids: readonly string[]) => Promise<Map<string, Value>>) {
  const loaders = new WeakMap<Context, DataLoader<string, Value | null>>()
  return (context: Context, id: string): Promise<Value | null> => {
    const loader =
      loaders.get(context) ??
      new DataLoader<string, Value | null>(async (ids) => {
        const found = await load(context, ids)
        return ids.map((each) => found.get(each) ?? null)
      })
    loaders.set(context, loader)
    return loader.load(id)
  }
}
