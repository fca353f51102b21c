import { Injectable } from '@nestjs/common';

/** One kind of data about a person. */
export interface PersonalDataSection {
  /** Its key in the export, in snake_case. */
  name: string;
  /** As the person is to see it: JSON values, no secrets, nothing about others that the person may not see. */
  read(userId: string): AsyncIterable<object>;
}

/** Who keeps data about people says so here, so that an export of all own data is complete. */
@Injectable()
export class PersonalData {
  private readonly known = new Map<string, PersonalDataSection>();

  /** Call it in a constructor. */
  contribute(section: PersonalDataSection): void {
    if (this.known.has(section.name)) throw new Error(`the section ${section.name} is contributed twice`);
    this.known.set(section.name, section);
  }

  sections(): PersonalDataSection[] {
    return [...this.known.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}
