// The program of the demo: greets who is named, from a table in a folder that it must be granted.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char** argv) {
  const char* who = argc > 1 ? argv[1] : "world";
  const char* language = getenv("GREET_LANGUAGE");
  char line[128];
  FILE* table = fopen("/data/greetings.txt", "r");
  if (table == NULL) {
    printf("hello, %s (no table of greetings was granted)\n", who);
    return 0;
  }
  while (fgets(line, sizeof line, table) != NULL) {
    char* word = strchr(line, ' ');
    if (word == NULL) continue;
    *word++ = '\0';
    word[strcspn(word, "\n")] = '\0';
    if (strcmp(line, language == NULL ? "en" : language) == 0) printf("%s, %s\n", word, who);
  }
  fclose(table);
  return 0;
}
