import { Param, type PipeTransform } from '@nestjs/common';
import { notFound } from '../errors/app-error.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

class KnownShape implements PipeTransform<string, string> {
  constructor(private readonly what: string) {}

  transform(value: string): string {
    // What cannot be an id does not exist: the same 404 as for an id that nobody has.
    if (!UUID.test(value)) throw notFound(this.what);
    return value.toLowerCase();
  }
}

/** A path parameter that is the id of a `what`. */
export const IdParam = (name: string, what: string): ParameterDecorator => Param(name, new KnownShape(what));
