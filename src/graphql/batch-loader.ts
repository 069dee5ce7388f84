import DataLoader from 'dataloader'
import type { Context } from '../context.ts'

/**
 * A loader for each operation: what a list needs for each of its rows is loaded for all of them at once. If the field
 * has arguments, it is loaded together for the rows with the same ones.
 */
export function loaderFor<Value, Args = undefined>(
  load: (context: Context, ids: readonly string[], args: Args) => Promise<Map<string, Value>>,
) {
  const loaders = new WeakMap<Context, Map<string, DataLoader<string, Value | null>>>()
  return (context: Context, id: string, ...[args]: Args extends undefined ? [] : [Args]): Promise<Value | null> => {
    const ofContext = loaders.get(context) ?? new Map<string, DataLoader<string, Value | null>>()
    loaders.set(context, ofContext)
    const key = JSON.stringify(args ?? null)
    const loader =
      ofContext.get(key) ??
      new DataLoader<string, Value | null>(async (ids) => {
        // Given if the field has arguments, as the parameters require.
        const found = await load(context, ids, args as Args)
        return ids.map((each) => found.get(each) ?? null)
      })
    ofContext.set(key, loader)
    return loader.load(id)
  }
}
