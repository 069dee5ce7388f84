import DataLoader from 'dataloader'
import type { GraphQLResolveInfo } from 'graphql'
import type { Context } from '../context.ts'

/**
 * A loader for each operation: what a list needs for each of its rows is loaded for all of them at once. If the field
 * has arguments, it is loaded together for the rows with the same ones. What a mutation of the operation may change must
 * not be kept: whatever asks for it later loads it again.
 */
export function loaderFor<Value, Args = undefined>(
  load: (context: Context, ids: readonly string[], args: Args) => Promise<Map<string, Value>>,
  { isKept = true } = {},
) {
  const loaders = new WeakMap<Context, Map<string, DataLoader<string, Value | null>>>()
  return (context: Context, id: string, ...[args]: Args extends undefined ? [] : [Args]): Promise<Value | null> => {
    const ofContext = loaders.get(context) ?? new Map<string, DataLoader<string, Value | null>>()
    loaders.set(context, ofContext)
    const key = JSON.stringify(args ?? null)
    const loader =
      ofContext.get(key) ??
      new DataLoader<string, Value | null>(
        async (ids) => {
          // Given if the field has arguments, as the parameters require.
          const found = await load(context, [...new Set(ids)], args as Args)
          return ids.map((each) => found.get(each) ?? null)
        },
        { cache: isKept },
      )
    ofContext.set(key, loader)
    return loader.load(id)
  }
}

/**
 * The same for a field whose selection decides what is loaded, such as a connection of rows: `load` returns the values
 * of all parents in a list, in their order. `queryOf` is Pothos' plan of the selection. It is made for each parent:
 * Pothos notes by the path of a field what is read below it, and would read the rows of all other parents again.
 */
export function selectionLoader<Value, Args, Query>(
  queryOf: (context: Context, info: GraphQLResolveInfo) => Query,
  load: (parents: readonly string[], args: Args, context: Context, query: Query) => Promise<Value[]>,
) {
  const loaders = new WeakMap<Context, WeakMap<object, DataLoader<string, Value>>>()
  return async (parent: string, args: Args, context: Context, info: GraphQLResolveInfo): Promise<Value> => {
    const query = queryOf(context, info)
    const ofContext = loaders.get(context) ?? new WeakMap<object, DataLoader<string, Value>>()
    loaders.set(context, ofContext)
    // graphql-js passes the same nodes for each parent of a list, so the arguments and the selection are the same too.
    const loader =
      ofContext.get(info.fieldNodes) ?? new DataLoader<string, Value>((parents) => load(parents, args, context, query))
    ofContext.set(info.fieldNodes, loader)
    return loader.load(parent)
  }
}
