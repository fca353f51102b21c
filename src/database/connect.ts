import { DataSource, type DataSourceOptions } from 'typeorm';
import { StartError } from '../config/config-error.js';

/** A connected data source. @throws StartError in one line when nobody answers, or lets nobody in */
export async function connect(options: DataSourceOptions): Promise<DataSource> {
  try {
    return await new DataSource(options).initialize();
  } catch (error) {
    throw new StartError(`cannot reach the database: ${describe(error)}`);
  }
}

function describe(error: unknown): string {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return error.errors[0].message;
  return error instanceof Error ? error.message : String(error);
}
