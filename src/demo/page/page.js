import { configure } from 'https://parley.example/embed/v1.js'

configure({
  url: 'https://parley.example/graphql',
  fetchToken: async ({ signal }) => (await fetch('/parley-token', { method: 'POST', signal })).json(),
})
