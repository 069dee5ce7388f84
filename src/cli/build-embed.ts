import { buildEmbed } from '../http/embed/build-embed.ts'
import { writeEmbed } from '../http/embed/embed-files.ts'

/** Part of the installation and of `npm run build`: builds the web components into dist/embed, which the server serves. */
await writeEmbed(await buildEmbed())
