// Creates the embedded cluster in a process that ends: initdb leaves 200 MB behind in the one that ran it.
import { PGlite } from '@electric-sql/pglite';

const [dataDir] = process.argv.slice(2);
if (!dataDir) throw new Error('usage: cluster.child <data directory>');
const database = await PGlite.create({ dataDir });
await database.query('select 1');
await database.close();
process.exit(0);
