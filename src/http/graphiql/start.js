/* Runs in the browser, after GraphiQL's own script. */
{
  const { dataset, src } = document.currentScript
  const workers = JSON.parse(dataset.workers)

  globalThis.MonacoEnvironment = {
    globalAPI: false,
    getWorkerUrl: (_module, label) => new URL(workers[label], src).href,
  }

  // Earlier versions of Parley let GraphiQL keep the headers, and with them the key.
  for (const key of Object.keys(localStorage).filter((key) => key.startsWith('graphiql:'))) {
    const kept = withoutHeaders(key, localStorage.getItem(key))
    if (kept === null) localStorage.removeItem(key)
    else localStorage.setItem(key, kept)
  }

  function withoutHeaders(key, value) {
    if (key === 'graphiql:headers' || key === 'graphiql:shouldPersistHeaders') return null
    try {
      return JSON.stringify(JSON.parse(value), (name, inner) => (name === 'headers' ? null : inner))
    } catch {
      // Not JSON: a query, or the name of a theme.
      return value
    }
  }

  /** Otherwise a reload would open another, empty tab. */
  function activeTab() {
    if (new URL(location.href).searchParams.has('query')) return {}
    try {
      const { tabs, activeTabIndex } = JSON.parse(localStorage.getItem('graphiql:tabState'))
      const { query, variables } = tabs[activeTabIndex]
      return { query, variables: variables ?? '' }
    } catch {
      // There is none yet.
      return {}
    }
  }

  YogaGraphiQL.renderYogaGraphiQL(document.getElementById('root'), {
    title: 'Parley',
    logo: '',
    defaultQuery: dataset.query,
    // Every script that this origin ever runs can read a key in the browser's storage.
    shouldPersistHeaders: false,
    ...activeTab(),
  })
}
