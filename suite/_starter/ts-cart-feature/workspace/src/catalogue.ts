import { CartError } from "./errors";

export interface Article {
  readonly id: string;
  readonly name: string;
  /** Cents, tax included. */
  readonly price: number;
  /** Percent. */
  readonly tax: number;
}

/** The articles of the shop. */
export class Catalogue {
  private readonly articles: Map<string, Article>;

  constructor(articles: readonly Article[]) {
    this.articles = new Map(articles.map((article) => [article.id, article]));
  }

  /** The article; a CartError "unknown-article" if there is none. */
  find(id: string): Article {
    const article = this.articles.get(id);
    if (article === undefined) throw new CartError("unknown-article", `no article ${id}`);
    return article;
  }
}
