# Values for tests/test_shipped.py, computed on the data set that lifelines ships (the data are not copied here).
#   Rscript tests/r/breast.R .venv/lib/python3.11/site-packages/lifelines/datasets > tests/r/breast.json
suppressMessages(library(survival))
d <- read.csv(file.path(commandArgs(TRUE)[1], "lymph_node.csv"))
d$months <- d$rectime / 30.4375
d$grade <- factor(d$grade); d$hormone <- factor(d$hormone)
number <- function(x) ifelse(is.na(x), "null", formatC(x, digits = 15, format = "g", width = 1))
lines <- character()
say <- function(address, ...) { x <- c(...); lines <<- c(lines, sprintf('"%s|%s": %s', address, names(x), number(x))) }
arms <- c("I", "II", "III")
for (g in 1:3) {
  s <- d[d$grade == g, ]
  f <- survfit(Surv(months, censrec) ~ 1, s, conf.type = "log-log")
  for (t in c(24, 60)) {
    p <- summary(f, times = t)
    say(sprintf("rfs/survival~%g@%s", t, arms[g]), p = p$surv, lower = p$lower, upper = p$upper, at_risk = p$n.risk)
  }
  m <- summary(f)$table
  say(sprintf("rfs/median@%s", arms[g]), estimate = m[["median"]], lower = m[["0.95LCL"]], upper = m[["0.95UCL"]])
}
k <- survdiff(Surv(months, censrec) ~ grade, d)
say("rfs/logrank@arms", statistic = k$chisq, p_value = pchisq(k$chisq, 2, lower.tail = FALSE))
for (g in 2:3) {
  s <- droplevels(d[d$grade %in% c(1, g), ])
  m <- summary(coxph(Surv(months, censrec) ~ grade, s, control = coxph.control(eps = 1e-11, iter.max = 50)))
  say(sprintf("rfs/hazard@%s:I", arms[g]), estimate = m$coefficients[1, 2], lower = m$conf.int[1, 3], upper = m$conf.int[1, 4],
      p_value = m$coefficients[1, 5])
}
m <- summary(coxph(Surv(months, censrec) ~ grade + age + size + nodes + hormone, d, control = coxph.control(eps = 1e-11, iter.max = 50)))
where <- c("arm.adjusted=II@all", "arm.adjusted=III@all", "age.adjusted@all", "size.adjusted@all", "nodes.adjusted@all",
           "hormone.adjusted=2@all")
for (i in seq_along(where)) say(paste0("adjusted/", where[i]), estimate = m$coefficients[i, 2], lower = m$conf.int[i, 3],
                                upper = m$conf.int[i, 4], p_value = m$coefficients[i, 5])
q <- sapply(split(d$age, d$grade), quantile, type = 7)
for (g in 1:3) say(sprintf("baseline/age@%s", arms[g]), median = q[3, g][[1]], q1 = q[2, g][[1]], q3 = q[4, g][[1]])
cat("{\n", paste(lines, collapse = ",\n"), "\n}\n", sep = "")
